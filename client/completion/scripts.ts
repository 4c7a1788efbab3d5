import type { Shell, Values } from './values';
import type { CommandWords } from './words';

/** The completion script of a shell. Everything that can be completed is in it: pressing tab starts no program. */
export function completionScript(shell: Shell, words: readonly CommandWords[]): string {
  return { bash, zsh, fish }[shell](words);
}

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** What follows each option that takes a value: `run --agent` and all others with the same values, as one pattern. */
function valueCases(words: readonly CommandWords[]): { pattern: string; values: Values }[] {
  const cases = new Map<string, { patterns: string[]; values: Values }>();
  for (const { path, options } of words)
    for (const { flag, values } of options) {
      if (!values) continue;
      const key = JSON.stringify(values);
      const same = cases.get(key) ?? { patterns: [], values };
      same.patterns.push(quoted(`${path} ${flag}`));
      cases.set(key, same);
    }
  return [...cases.values()].map(({ patterns, values }) => ({ pattern: patterns.join('|'), values }));
}

/** The words after the program's name, without options, are the path; those that lead nowhere are arguments. */
function bash(words: readonly CommandWords[]): string {
  const paths = words.map(({ path }) => quoted(path)).join('|');
  const offer = (pattern: string, all: readonly string[], files: boolean) =>
    `  ${pattern}) words=${quoted(all.join(' '))}; files=${files ? 1 : 0};;`;
  const values = valueCases(words).map(({ pattern, values: { choices, files } }) =>
    offer(pattern, choices, files),
  );
  const cases = words.map(({ path, commands, options, arguments: { choices, files } }) => {
    const all = [...commands.map(({ name }) => name), ...choices, ...options.map(({ flag }) => flag)];
    return offer(quoted(path), all, files);
  });
  return `# bash completion of yokeflow
_yokeflow() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" path='' next word words='' files=0
  # Bash takes --option=value for three words.
  if [ "$current" = '=' ]; then current=''
  elif [ "$previous" = '=' ]; then previous="\${COMP_WORDS[COMP_CWORD-2]}"
  fi
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    next="\${path:+$path }$word"
    case "$next" in
    ${paths}) path="$next";;
    esac
  done
  case "$path $previous" in
${values.join('\n')}
  *)
  case "$path" in
${cases.join('\n')}
  esac;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  if [ "$files" = 1 ] && [ "\${current#-}" = "$current" ]; then
    # Not for all: a command that is called like a folder would be taken for it.
    compopt -o filenames 2>/dev/null
    local IFS=$'\\n'
    COMPREPLY+=($(compgen -f -- "$current"))
  fi
}
complete -F _yokeflow yokeflow`;
}

function zsh(words: readonly CommandWords[]): string {
  const paths = words.map(({ path }) => quoted(path)).join('|');
  const entry = (name: string, summary: string) => quoted(`${name.replaceAll(':', '\\:')}:${summary}`);
  const offer = (pattern: string, entries: readonly string[], files: boolean) =>
    `  ${pattern}) words_=(${entries.join(' ')}); files=${files ? 1 : 0};;`;
  const values = valueCases(words).map(({ pattern, values: { choices, files } }) =>
    offer(pattern, choices.map(quoted), files),
  );
  const cases = words.map(({ path, commands, options, arguments: { choices, files } }) => {
    const named = commands.map(({ name, summary }) => entry(name, summary));
    const flags = options.map(({ flag, summary }) => entry(flag, summary));
    return offer(quoted(path), [...named, ...choices.map(quoted), ...flags], files);
  });
  return `#compdef yokeflow
# zsh completion of yokeflow
_yokeflow() {
  local path_='' next word previous="\${words[CURRENT-1]}" files=0
  local -a words_
  if [[ "\${words[CURRENT]}" == --*=* ]]; then
    previous="\${words[CURRENT]%%=*}"
    compset -P '*='
  fi
  for word in "\${(@)words[2,CURRENT-1]}"; do
    next="\${path_:+$path_ }$word"
    case "$next" in
    ${paths}) path_="$next";;
    esac
  done
  case "$path_ $previous" in
${values.join('\n')}
  *)
  case "$path_" in
${cases.join('\n')}
  esac;;
  esac
  _describe yokeflow words_
  if (( files )); then _files; fi
}
# As a file in $fpath it is itself the function, at its first call.
if [[ "\${funcstack[1]}" == _yokeflow ]]; then _yokeflow "$@"; else compdef _yokeflow yokeflow; fi`;
}

function fish(words: readonly CommandWords[]): string {
  const lines = words.flatMap(({ path, commands, options, arguments: { choices, files } }) => {
    const at = `-n ${quoted(`__yokeflow_at ${quoted(path)}`)}`;
    return [
      ...commands.map(
        ({ name, summary }) => `complete -c yokeflow -f ${at} -a ${name} -d ${quoted(summary)}`,
      ),
      ...choices.map((choice) => `complete -c yokeflow -f ${at} -a ${choice}`),
      ...options.map(
        ({ flag, summary, values }) =>
          `complete -c yokeflow ${at} -l ${flag.replace(/^-+/, '')}${fishValues(values)} -d ${quoted(summary)}`,
      ),
      ...(files ? [`complete -c yokeflow -F ${at}`] : []),
    ];
  });
  const paths = words.map(({ path }) => quoted(path)).join(' ');
  return `# fish completion of yokeflow
function __yokeflow_at
  set -l path ''
  for word in (commandline -opc)[2..-1]
    set -l next (string trim -- "$path $word")
    if contains -- "$next" ${paths}
      set path $next
    end
  end
  test "$path" = "$argv[1]"
end
complete -c yokeflow -f
${lines.join('\n')}`;
}

function fishValues(values: Values | null): string {
  if (!values) return '';
  if (values.files) return ' -rF';
  return values.choices.length > 0 ? ` -x -a ${quoted(values.choices.join(' '))}` : ' -x';
}
