-- @description: No flight left more than two hours early or more than two days late.
-- @severity: error
-- @remediation: Check how dep_delay is read in pipeline.sql; the source gives it in minutes.
SELECT flight_date, carrier, flight_number, departure_delay
FROM {{ this }}
WHERE departure_delay NOT BETWEEN -120 AND 2880
