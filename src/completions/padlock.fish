# Completions of padlock for fish 3.1 or later.

function __padlock_command --description 'Print the command on the command line, or -- after it'
    set -l is_value false
    set -l command
    for token in (commandline -opc)[2..]
        if $is_value
            set is_value false
            continue
        end
        switch $token
            case --
                echo "$command --"
                return
            case @valued@
                set is_value true
            case '-*'
            case '*'
                test -z "$command"; and set command $token
        end
    end
    echo $command
end

function __padlock_is --description 'Test whether the command is one of these'
    contains -- (__padlock_command) $argv
end

function __padlock_profiles --description 'Print the names of the settings files in the configuration folder'
    set -l base $HOME/.config
    set -q XDG_CONFIG_HOME; and set base $XDG_CONFIG_HOME
    for file in $base/padlock/*.env $HOME/Library/Application?Support/padlock/*.env
        # A line break or a Tab would end the candidate.
        string match -qr '[\n\t]' -- $file; and continue
        string replace -r '.*/(.*)\.env$' '$1' -- $file
    end
end

function __padlock_other_command --description 'Complete the command line after --'
    set -l tokens (commandline -opc)
    set -l dashes (contains -i -- -- $tokens)
    set -l rest (string escape -- $tokens[(math $dashes + 1)..])
    complete -C (string join -- ' ' $rest (commandline -ct | string collect --allow-empty))
end

complete -c padlock -f
complete -c padlock -n '__padlock_is "run --"' -a '(__padlock_other_command)'
@completions@
