"""Volunteer work, invitations, conversions: how members and merchants earn beside sales."""
