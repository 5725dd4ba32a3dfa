#compdef padlock
# Completions of padlock for zsh 5.0 or later.

_padlock_commands() {
    local -a names
    names=(
@names@
    )
    _describe -t commands command names
}

# The names of the settings files in the configuration folder.
_padlock_profiles() {
    local -a names
    names=(${XDG_CONFIG_HOME:-$HOME/.config}/padlock/*.env(N:t:r))
    names+=("$HOME/Library/Application Support"/padlock/*.env(N:t:r))
    _wanted profiles expl profile compadd -a names
}

_padlock() {
    local curcontext=$curcontext state line
    typeset -A opt_args
    _arguments -C -s -S -A '-*' \
@login@
            '1:command:_padlock_commands' \
            '*::argument:->argument' && return
    [[ $state == argument ]] || return 1
    curcontext=${curcontext%:*:*}:padlock-$line[1]:
    case $line[1] in
@cases@
    esac
}

if [[ $funcstack[1] == _padlock ]]; then
    _padlock "$@"
else
    compdef _padlock padlock
fi
