-- @description: Flights with real types; NA and cancelled flights made plain.
-- @tags: demo
SELECT
    make_date(year, month, day) AS flight_date,
    carrier,
    flight AS flight_number,
    nullif(tailnum, 'NA') AS tailnum,
    origin,
    dest AS destination,
    make_timestamp(year, month, day, hour, minute, 0) AS scheduled_departure,
    try_cast(dep_delay AS INTEGER) AS departure_delay,
    scheduled_departure + to_minutes(departure_delay) AS departure,
    try_cast(arr_delay AS INTEGER) AS arrival_delay,
    try_cast(air_time AS INTEGER) AS air_time,
    distance,
    departure_delay IS NULL AS cancelled,
    departure_delay IS NOT NULL AND arrival_delay IS NULL AS diverted,
    time_hour AS weather_hour
FROM {{ ref('bronze.flights') }}
