import type { CommandWords } from './words';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** The completion script of a shell. Everything that can be completed is in it: pressing tab starts no program. */
export function completionScript(shell: Shell, words: readonly CommandWords[]): string {
  return { bash, zsh, fish }[shell](words);
}

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** The words after the program's name, without options, are the path; those that lead nowhere are arguments. */
function bash(words: readonly CommandWords[]): string {
  const paths = words.map(({ path }) => quoted(path)).join('|');
  const cases = words.map(({ path, commands, options, files }) => {
    const all = [...commands.map(({ name }) => name), ...options.map(({ flag }) => flag)].join(' ');
    return `    ${quoted(path)}) words=${quoted(all)}; files=${files ? 1 : 0};;`;
  });
  return `# bash completion of yokeflow
_yokeflow() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path='' next word words='' files=0
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    next="\${path:+$path }$word"
    case "$next" in
    ${paths}) path="$next";;
    esac
  done
  case "$path" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  if [ "$files" = 1 ] && [ "\${current#-}" = "$current" ]; then COMPREPLY+=($(compgen -f -- "$current")); fi
}
complete -o filenames -F _yokeflow yokeflow`;
}

function zsh(words: readonly CommandWords[]): string {
  const paths = words.map(({ path }) => quoted(path)).join('|');
  const entry = (name: string, summary: string) => quoted(`${name.replaceAll(':', '\\:')}:${summary}`);
  const cases = words.map(({ path, commands, options, files }) => {
    const named = commands.map(({ name, summary }) => entry(name, summary));
    const flags = options.map(({ flag, summary }) => entry(flag, summary));
    return `    ${quoted(path)}) words_=(${[...named, ...flags].join(' ')}); files=${files ? 1 : 0};;`;
  });
  return `#compdef yokeflow
# zsh completion of yokeflow
_yokeflow() {
  local path_='' next word files=0
  local -a words_
  for word in "\${(@)words[2,CURRENT-1]}"; do
    next="\${path_:+$path_ }$word"
    case "$next" in
    ${paths}) path_="$next";;
    esac
  done
  case "$path_" in
${cases.join('\n')}
  esac
  _describe yokeflow words_
  if (( files )); then _files; fi
}
compdef _yokeflow yokeflow`;
}

function fish(words: readonly CommandWords[]): string {
  const lines = words.flatMap(({ path, commands, options, files }) => {
    const at = `-n ${quoted(`__yokeflow_at ${quoted(path)}`)}`;
    return [
      ...commands.map(
        ({ name, summary }) => `complete -c yokeflow -f ${at} -a ${name} -d ${quoted(summary)}`,
      ),
      ...options.map(
        ({ flag, summary, takesValue }) =>
          `complete -c yokeflow ${takesValue ? '-r ' : ''}${at} -l ${flag.replace(/^-+/, '')} -d ${quoted(summary)}`,
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
