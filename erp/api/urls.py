"""Routes of the ground floor API."""

urlpatterns: list = []
