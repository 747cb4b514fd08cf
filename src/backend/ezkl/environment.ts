/** What programs need to find themselves and their files, and what sets how many threads EZKL takes. */
const PASSED = ['PATH', 'HOME', 'USER', 'LOGNAME', 'TMPDIR', 'TMP', 'TEMP', 'LANG', 'LANGUAGE', 'TZ'];
const THREADS = ['RAYON_NUM_THREADS', 'RAYON_RS_NUM_CPUS', 'RUST_BACKTRACE'];
/** What pip needs to reach its index, and Python's own chooser of versions to find Python. */
const REACHING = ['SSL_CERT_FILE', 'SSL_CERT_DIR', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'NETRC', 'XDG_CONFIG_HOME'];
const CHOOSING = ['XDG_CONFIG_DIRS', 'XDG_CACHE_HOME', 'PYENV_ROOT', 'PYENV_VERSION'];
const PROXIES = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'].flatMap((name) => [name, name.toLowerCase()]);

/** A proxy that is not there: EZKL downloads setups and compilers where it finds none, and nobody asked it to. */
const NOWHERE = 'http://127.0.0.1:9';

/**
 * The environment of EZKL's programs. Nothing of the caller's gets through but what is named here: keys and tokens are
 * none of their business, and variables of the loader's, of Python's or of EZKL's own would change what they do.
 */
export function programEnvironment(
  network: 'open' | 'closed',
  given: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv {
  const open = network === 'open';
  const names = new Set([...PASSED, ...THREADS, ...(open ? [...REACHING, ...CHOOSING, ...PROXIES] : [])]);
  const passed = Object.entries(given).filter(
    ([name]) => names.has(name) || name.startsWith('LC_') || (open && name.startsWith('PIP_')),
  );
  return {
    ...Object.fromEntries(passed),
    ...(open ? {} : Object.fromEntries(PROXIES.map((name) => [name, /no_/i.test(name) ? '' : NOWHERE]))),
    NO_COLOR: '1',
    PYTHONDONTWRITEBYTECODE: '1',
  };
}
