"""The contracts: MQTT payloads and topics, and the database migrations."""
