"""The MQTT gateway: what vehicles say becomes rows, refusals and the latest state."""
