"""Shows the settings pages: channels, people, API keys, webhooks, messages, schedules."""
