"""Figures for a machine that watches: what the rows say, and what this process answered. No person in any label."""
