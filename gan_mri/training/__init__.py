"""The loop and what it needs: strategies, schedules, checkpoints, monitors, sheets."""
