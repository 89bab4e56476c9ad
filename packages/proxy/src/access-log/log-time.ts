const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const MINUTES_PER_HOUR = 60

/** `10/Oct/2000:13:55:36 -0700`: the time of the Common Log Format, in the time zone of the process. @param at milliseconds since the Unix epoch */
export function logTime(at: number): string {
  const date = new Date(at)
  const day = `${two(date.getDate())}/${MONTHS[date.getMonth()]}/${date.getFullYear()}`
  return `${day}:${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())} ${offset(-date.getTimezoneOffset())}`
}

/** @param minutes east of Greenwich */
function offset(minutes: number): string {
  const away = Math.abs(minutes)
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(away / MINUTES_PER_HOUR))}${two(away % MINUTES_PER_HOUR)}`
}

function two(number: number): string {
  return number < 10 ? `0${number}` : String(number)
}
