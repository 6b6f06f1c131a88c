"""How values look on pages: money, times, statuses, icons."""

from django import template

register = template.Library()
