"""Figures of the business."""
