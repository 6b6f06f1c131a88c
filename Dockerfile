# The image of web, worker and beat alike; docker-compose.yml gives each its command.
FROM python:3.11-slim AS build
WORKDIR /app
COPY requirements/base.txt requirements/base.txt
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements/base.txt

FROM python:3.11-slim
RUN useradd --system --uid 10001 --create-home throughline && mkdir -p /data /backups && chown throughline /data /backups
COPY --from=build /venv /venv
WORKDIR /app
COPY --chown=throughline . .
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 ERP_DATA_DIR=/data DJANGO_SETTINGS_MODULE=erp.settings
USER throughline
EXPOSE 8000
CMD ["gunicorn", "erp.wsgi", "--config", "erp/embedded/gunicorn.py", "--bind", "0.0.0.0:8000"]
