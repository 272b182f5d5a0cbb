-- What the dashboards may read, and nothing more: no telemetry, no raw refusals. Run as the owner of
-- the tables, again after a migration that adds a panel's table.
GRANT USAGE ON SCHEMA public TO guanche_grafana;
GRANT SELECT ON vehicle_state TO guanche_grafana;
GRANT SELECT (id, vin, plate) ON vehicles TO guanche_grafana;
GRANT SELECT (reason, times, device_serial, detail, received_at, last_received_at)
    ON ingest_rejects TO guanche_grafana;
