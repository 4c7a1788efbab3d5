#!/usr/bin/env bash
# A sandbox for everything that runs in worktrees, by bubblewrap (apt install bubblewrap, dnf install bubblewrap):
#
#     export YOKEFLOW_SANDBOX=/path/to/yokeflow/examples/sandbox.sh
#
# Copy it, and change it to what your project needs. YokeFlow starts it in the worktree, with the command as arguments.
# What runs inside sees the files of this machine, but for those hidden below, and no process but its own. It can write
#   - in the worktree, and in .git what commits need: no hook, no configuration; not in your own checkout;
#   - in temporary folders, in the caches of package managers, and where the agents keep their conversations.
# The network stays as it is.
set -euo pipefail

worktree=${YOKEFLOW_WORKTREE:?YokeFlow sets it}
# <repository>/.worktrees/<name>. Not asked of git: the worktree may hold whatever an agent wrote into it.
git=$(dirname "$(dirname "$worktree")")/.git

writable=(
  "$worktree" "$git"/{worktrees,objects,refs,logs}
  "${TMPDIR:-/tmp}"
  "$HOME"/{.cache,.npm,.cargo/registry,go/pkg}
  "$HOME"/{.claude,.claude.json,.codex,.gemini,.local/share/opencode,.local/state/opencode}
)
hidden=(
  "$HOME"/{.ssh,.gnupg,.aws,.azure,.kube,.docker,.config/gh,.config/gcloud,.password-store,.local/share/keyrings}
  "$HOME"/{.netrc,.git-credentials,.config/git/credentials,.pgpass,.pypirc}
  "$HOME"/.yokeflow
)

arguments=(--ro-bind / / --dev /dev --unshare-pid --proc /proc --die-with-parent)
for path in "${writable[@]}"; do arguments+=(--bind-try "$path" "$path"); done
for path in "${hidden[@]}"; do
  if [ -d "$path" ]; then arguments+=(--tmpfs "$(realpath "$path")"); fi
  # As an empty file: what cannot be read would be an error to many programs.
  if [ -f "$path" ]; then exec {empty}</dev/null && arguments+=(--ro-bind-data "$empty" "$(realpath "$path")"); fi
done
# Of the last one: long outputs, which prompts name, and conversations.
own=$HOME/.yokeflow
arguments+=(--ro-bind-try "$own/outputs" "$own/outputs" --bind-try "$own/agents" "$own/agents")

exec bwrap "${arguments[@]}" --chdir "$PWD" -- "$@"
