-- Places drawn on a Chinese map: kept as they were drawn, beside the WGS-84 outline that is judged.
ALTER TABLE geofences
    ADD COLUMN datum text NOT NULL DEFAULT 'wgs84' CHECK (datum IN ('wgs84', 'gcj02', 'bd09')),
    ADD COLUMN drawn_points jsonb,
    ADD CONSTRAINT geofences_drawn_whole CHECK (
        CASE WHEN datum = 'wgs84' THEN drawn_points IS NULL
             WHEN shape = 'circle' THEN drawn_points IS NOT NULL AND jsonb_array_length(drawn_points) = 1
             ELSE drawn_points IS NOT NULL AND jsonb_array_length(drawn_points) >= 3 END);
COMMENT ON TABLE geofences IS '电子围栏. shape, lat, lon, points: WGS-84, as judged. Written by alerts.';
COMMENT ON COLUMN geofences.datum IS 'Datum of the map it was drawn on: gcj02 Gaode, Tencent; bd09 Baidu.';
COMMENT ON COLUMN geofences.drawn_points IS
    '[[lat, lon], …] on that map: the corners as drawn, or the middle of a circle; null where that is WGS-84.';
GRANT UPDATE (datum, drawn_points) ON geofences TO guanche_app;
