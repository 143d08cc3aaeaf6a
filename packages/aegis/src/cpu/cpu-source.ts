/** Something that measures how busy the CPU is. */
export interface CpuSource {
  /**
   * Answers the share of the available CPU time, from 0, that was used since it was last called; undefined when
   * it cannot tell, as at the first call. More than 1 is possible where a measure lags.
   */
  read(): number | undefined;
}
