/**
 * What a check found: where, and what is wrong there.
 * @typedef {object} Finding
 * @property {string} file Relative to the project.
 * @property {number} line From 1.
 * @property {string} message
 */

/**
 * Formats a finding so that editors and terminals can jump to it.
 * @param {Finding} finding
 */
export function formatFinding({ file, line, message }) {
  return `${file}:${line} ${message}`;
}
