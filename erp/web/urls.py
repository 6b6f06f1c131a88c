"""Routes of the dashboard's own pages."""

from django.urls import path

from erp.web import views

urlpatterns = [
    path("", views.home, name="home"),
    path("search/", views.search, name="search"),
    path("preferences/", views.preferences, name="preferences"),
    path("purchasing/", views.purchasing, name="purchasing"),
    path("settings/", views.settings_page, name="settings"),
    path("settings/people/", views.invite, name="invite"),
    path("settings/audit/", views.audit_page, name="audit"),
]
