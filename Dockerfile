# The image of web, worker and beat alike; docker-compose.yml gives each its command.
FROM python:3.11-slim AS build
WORKDIR /app
COPY requirements/base.txt requirements/base.txt
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements/base.txt
COPY . .
# What would be written at the start is written here: a container's own files are read-only.
RUN /venv/bin/python manage.py compile_translations && /venv/bin/python -m compileall -q .

FROM python:3.11-slim
RUN useradd --system --uid 10001 --create-home throughline && mkdir -p /data /backups && chown throughline /data /backups
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 MALLOC_MMAP_THRESHOLD_=1048576 MALLOC_ARENA_MAX=2 PYTHONDONTWRITEBYTECODE=1 ERP_DATA_DIR=/data DJANGO_SETTINGS_MODULE=erp.settings
USER throughline
EXPOSE 8000
CMD ["gunicorn", "erp.wsgi", "--config", "erp/embedded/gunicorn.py", "--bind", "0.0.0.0:8000"]
