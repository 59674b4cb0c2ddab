-- @description: A date, airline, flight number and origin name one flight.
-- @severity: error
-- @remediation: Look into bronze.flights for a file that was landed twice under two names.
SELECT flight_date, carrier, flight_number, origin, count(*) AS times
FROM {{ this }}
GROUP BY ALL
HAVING count(*) > 1
