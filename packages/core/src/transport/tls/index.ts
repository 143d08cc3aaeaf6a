export { Certificates, type CertificateOptions, type FollowOptions } from "./certificates.ts";
export { describeTls, type TlsDescription } from "./describe-tls.ts";
export { readTlsFiles, type TlsFiles, type TlsPems } from "./tls-files.ts";
export { watchTlsFiles, type WatchTlsOptions } from "./watch-tls-files.ts";
