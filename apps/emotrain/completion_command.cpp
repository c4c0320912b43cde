#include <array>

#include "commands.hpp"
#include "emotrain/core/error.hpp"

namespace {

// Each asks `emotrain __complete WORD...` for lines of CANDIDATE, tab, description; ":files" and ":directories" are for the shell to find.
// No space follows a candidate that ends with "=".

constexpr const char* bash = R"sh(# bash completion for emotrain
_emotrain() {
    local line=${COMP_LINE:0:COMP_POINT} current kept='' candidate
    local -a words
    read -ra words <<< "$line"
    [[ $line == *[[:space:]] ]] && words+=('')
    current=${words[${#words[@]} - 1]}
    # What bash replaces begins behind the last "=", unless that does not break words.
    [[ $current == *=* && $COMP_WORDBREAKS == *=* ]] && kept=${current%"${current##*=}"}
    COMPREPLY=()
    while IFS=$'\t' read -r candidate _; do
        case $candidate in
            :files | :directories)
                compopt -o filenames 2> /dev/null
                [[ $candidate == :files ]] && set -- -f || set -- -d
                while IFS= read -r candidate; do COMPREPLY+=("$candidate"); done < <(compgen "$1" -- "${current#"$kept"}")
                ;;
            *)
                [[ $candidate == *= ]] && compopt -o nospace 2> /dev/null
                COMPREPLY+=("${candidate#"$kept"}")
                ;;
        esac
    done < <("${words[0]/#\~/$HOME}" __complete "${words[@]:1}" 2> /dev/null)
}
complete -F _emotrain emotrain
)sh";

constexpr const char* zsh = R"sh(#compdef emotrain
_emotrain() {
    local line candidate
    local -a described unfinished
    for line in "${(@f)$("${(Q)words[1]/#\~/$HOME}" __complete "${(@Q)words[2,CURRENT]}" 2> /dev/null)}"; do
        candidate=${line%%$'\t'*}
        case $candidate in
            '') ;;
            :files) _files ;;
            :directories) _files -/ ;;
            *=) unfinished+=("$candidate") ;;
            *) described+=("${candidate//:/\\:}:${line#*$'\t'}") ;;
        esac
    done
    (( ${#unfinished} )) && compadd -S '' -a unfinished
    (( ${#described} )) && _describe emotrain described
    return 0
}
if [[ ${funcstack[1]} == _emotrain ]]; then
    _emotrain "$@"
else
    compdef _emotrain emotrain
fi
)sh";

constexpr const char* fish = R"sh(# fish completion for emotrain
function __emotrain_complete
    set -l words (commandline -opc)
    set -l program (string replace -r '^~' $HOME -- $words[1])
    set -e words[1]
    set -l current (commandline -ct)
    for line in ($program __complete $words "$current" 2> /dev/null)
        switch $line
            case ':files*'
                __fish_complete_path "$current"
            case ':directories*'
                __fish_complete_directories "$current"
            case '*'
                echo $line
        end
    end
end
complete -c emotrain -f -a '(__emotrain_complete)'
)sh";

struct Shell {
  const char* name;
  const char* script;
};

constexpr std::array shells{Shell{"bash", bash}, Shell{"zsh", zsh}, Shell{"fish", fish}};

}  // namespace

int run(const CompletionCommand& command) {
  for (const Shell& shell : shells) {
    if (command.shell != shell.name) continue;
    print(shell.script);
    flush_output({});
    return 0;
  }
  emotrain::fail(emotrain::ErrorKind::usage, "there is no completion for the shell \"{}\"; there are bash, zsh and fish", command.shell);
}
