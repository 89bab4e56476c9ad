-- Printed by wrk when a run has ended: exact numbers where its own report is rounded for people.
done = function(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    "hotspare-bench requests=%.0f duration_us=%.0f bytes=%.0f p50_us=%.0f p99_us=%.0f connect=%.0f read=%.0f write=%.0f status=%.0f timeout=%.0f\n",
    summary.requests, summary.duration, summary.bytes, latency:percentile(50), latency:percentile(99),
    errors.connect, errors.read, errors.write, errors.status, errors.timeout
  ))
end
