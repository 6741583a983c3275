"""Exposure, ageing, concentration and laundering patterns: functions over domain values."""
