"""Reads messages: a prefilter, phrase rules in many languages, a model behind an OpenAI-compatible server, and both."""
