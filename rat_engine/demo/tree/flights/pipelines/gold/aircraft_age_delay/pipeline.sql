-- @description: Are older planes later? Delays by age of the plane.
-- @tags: demo
WITH flown AS (
    SELECT *, least(aircraft_age // 5 * 5, 30) AS age_from
    FROM {{ ref('silver.flights_enriched') }}
    WHERE NOT cancelled AND aircraft_age IS NOT NULL
)

SELECT
    age_from,
    if(age_from = 30, '30 years and more', age_from || '–' || (age_from + 4) || ' years') AS age_of_plane,
    count(*) AS flights,
    count(DISTINCT tailnum) AS planes,
    round(avg(departure_delay), 1) AS average_departure_delay,
    round(avg(arrival_delay), 1) AS average_arrival_delay,
    round(avg((arrival_delay > 15)::INTEGER), 3) AS share_late
FROM flown
GROUP BY age_from
ORDER BY age_from
