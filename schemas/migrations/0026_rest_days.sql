-- Legal holidays and the days worked instead, which the State Council says anew every year: a time
-- that ends on a day of rest ends on the day after it (民法典 §203).
INSERT INTO parameters (name, valid_from_on, content, source, recorded_by, recorded_at) VALUES
('calendar.rest_days', '2026-01-01', '{
    "off": ["2026-01-01", "2026-01-02", "2026-01-03", "2026-02-15", "2026-02-16", "2026-02-17",
        "2026-02-18", "2026-02-19", "2026-02-20", "2026-02-21", "2026-02-22", "2026-02-23",
        "2026-04-04", "2026-04-05", "2026-04-06", "2026-05-01", "2026-05-02", "2026-05-03",
        "2026-05-04", "2026-05-05", "2026-06-19", "2026-06-20", "2026-06-21", "2026-09-25",
        "2026-09-26", "2026-09-27", "2026-10-01", "2026-10-02", "2026-10-03", "2026-10-04",
        "2026-10-05", "2026-10-06", "2026-10-07"],
    "worked": ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"]}',
 '国务院办公厅关于2026年部分节假日安排的通知 (second hand: check; set the next year''s when it is published)',
 'guanche migrate', now());

-- Money that was there while others settled its bill, and settles it once they do no more (a payment
-- bounced, a write-off was undone): nobody is late who had paid.
ALTER TABLE allocations ADD COLUMN paid_on date CHECK (paid_on < allocated_on);
COMMENT ON COLUMN allocations.paid_on IS
    'Since when the money was there, where that is earlier than it settles; late fees count to it.';
