# Completions of padlock for bash 3.2 or later.

# The flags of the command $1, and what may follow it besides.
_padlock_flags() {
    argument=''
    case $1 in
@flags@
    esac
}

# What may be the value of the flag $2 of the command $1.
_padlock_values() {
    case "$1 $2" in
@values@
    esac
}

# The names of the settings files in the configuration folder.
_padlock_profiles() {
    local folder file
    for folder in "${XDG_CONFIG_HOME:-$HOME/.config}" "$HOME/Library/Application Support"; do
        for file in "$folder"/padlock/*.env; do
            file=${file##*/}
            [[ $file == "$1"*.env && $file != '*.env' ]] && COMPREPLY+=("$(printf '%q' "${file%.env}")")
        done
    done
}

_padlock() {
    local commands='@commands@' valued=' @valued@ '
    local word flag='' command='' dashes='' flags argument choices='' kind='' prefix='' index
    local current=${COMP_WORDS[COMP_CWORD]}
    COMPREPLY=()
    _padlock_flags ''
    for ((index = 1; index < COMP_CWORD; index++)); do
        word=${COMP_WORDS[index]}
        if [[ -n $flag ]]; then
            # Between a flag and its value, bash takes an equals sign for a word.
            [[ $word == '=' ]] || flag=''
        elif [[ $word == -- ]]; then
            dashes=$index
            break
        elif [[ $word == -* ]]; then
            [[ $valued == *" $word "* ]] && flag=$word
        elif [[ -z $command && " $commands " == *" $word "* ]]; then
            command=$word
            _padlock_flags "$command"
        fi
    done
    if [[ -n $dashes ]]; then
        [[ $command == run ]] || return
        if declare -F _command_offset >/dev/null; then
            _command_offset $((dashes + 1))
        elif ((COMP_CWORD == dashes + 1)); then
            COMPREPLY=($(compgen -c -- "$current"))
        fi
        return
    fi
    if [[ -n $flag && $current == '=' ]]; then
        current=''
    elif [[ -z $flag && $current == --*=* ]]; then
        flag=${current%%=*}
        prefix=$flag=
        current=${current#*=}
    fi
    if [[ -n $flag ]]; then
        _padlock_values "$command" "$flag"
    elif [[ $current == -* ]]; then
        choices=$flags
    else
        case $argument in
        command) choices=$commands ;;
        shell) choices='@shells@' ;;
        folder) kind=file ;;
        esac
    fi
    case $kind in
    file) return ;; # bash completes the name of a file by itself
    profile) _padlock_profiles "$current" ;;
    list)
        [[ $current == *,* ]] && prefix+=${current%,*},
        current=${current##*,}
        ;;
    esac
    compopt +o default +o bashdefault 2>/dev/null
    [[ -z $choices ]] || COMPREPLY=($(compgen -P "$prefix" -W "$choices" -- "$current"))
}

complete -o bashdefault -o default -F _padlock padlock
