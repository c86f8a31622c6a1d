"""Rules for the mails of Acme. Every module here is a family of rules, named after the module."""
