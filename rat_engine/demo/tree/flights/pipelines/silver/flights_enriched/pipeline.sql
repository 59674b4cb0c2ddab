-- @description: Flights with their airline, destination, plane and weather.
-- @tags: demo
SELECT
    flight.flight_date,
    flight.carrier,
    airline.name AS airline,
    flight.flight_number,
    flight.origin,
    flight.destination,
    coalesce(airport.name, flight.destination) AS destination_name,
    flight.scheduled_departure,
    flight.departure_delay,
    flight.arrival_delay,
    flight.distance,
    flight.cancelled,
    flight.diverted,
    flight.tailnum,
    plane.manufacturer,
    plane.seats,
    year(flight.flight_date) - plane.year_built AS aircraft_age,
    weather.temperature,
    weather.precipitation,
    weather.visibility,
    weather.wind_speed
FROM {{ ref('silver.flights') }} AS flight
LEFT JOIN {{ ref('bronze.airlines') }} AS airline ON airline.carrier = flight.carrier
LEFT JOIN {{ ref('bronze.airports') }} AS airport ON airport.faa = flight.destination
LEFT JOIN {{ ref('silver.planes') }} AS plane ON plane.tailnum = flight.tailnum
LEFT JOIN {{ ref('silver.weather') }} AS weather
    ON weather.origin = flight.origin AND weather.weather_hour = flight.weather_hour
