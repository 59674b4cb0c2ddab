-- @description: A cancelled flight has neither a departure nor time in the air.
-- @severity: error
SELECT flight_date, carrier, flight_number, departure, air_time
FROM {{ this }}
WHERE cancelled AND (departure IS NOT NULL OR air_time IS NOT NULL)
