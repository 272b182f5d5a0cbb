-- What the dashboards may read, and nothing more: no telemetry, no raw refusals, no people. Run as the
-- owner of the tables, again after a migration that adds a panel's table.
GRANT USAGE ON SCHEMA public TO guanche_grafana;
GRANT SELECT ON vehicle_state TO guanche_grafana;
GRANT SELECT (id, vin, plate) ON vehicles TO guanche_grafana;
GRANT SELECT (reason, times, device_serial, detail, received_at, last_received_at)
    ON ingest_rejects TO guanche_grafana;
-- The dashboards are those of whoever runs the installation: they show the vehicles of all tenants.
DROP POLICY IF EXISTS dashboards_read ON vehicles;
CREATE POLICY dashboards_read ON vehicles FOR SELECT TO guanche_grafana USING (true);
