/**
 * Processor time of this process, compiler and garbage collection included: on both sides of a
 * ratio it is what the work costs, whatever else the machine is busy with.
 */

const MICROSECONDS_PER_MS = 1000;

export function cpuMilliseconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / MICROSECONDS_PER_MS;
}
