# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What bash proposes after "cma": commands, their options, names of areas. It needs
# nothing but bash; without the package bash-completion, source it in ~/.bashrc.

# Sets the array "words" to what stands before the cursor. In COMP_WORDS, a name
# such as camera@70000000 is three words.
__cma_words()
{
	local line=${COMP_LINE:0:COMP_POINT} i word

	words=()
	for ((i = 0; i <= COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		if ((!i)) || [[ $line == [[:blank:]]* ]]; then
			words+=("")
		fi
		line=${line#"${line%%[![:blank:]]*}"}
		((i < COMP_CWORD)) || word=$line
		words[-1]+=$word
		line=${line#"$word"}
	done
}

# Takes the quotes off a word, and puts a home directory for ~.
__cma_plain()
{
	plain=${1//[\\\"\']/}
	[[ $plain != \~/* ]] || plain=$HOME/${plain:2}
}

# Sets "from" to the place that is looked at, "command" to the command, "nr" to the
# number of its arguments, and "takes" to what they are if an option makes them
# something else; as far as all of this stands before the word at the cursor.
__cma_parse()
{
	local i plain

	from=() command="" nr=0 takes=""
	for ((i = 1; i < ${#words[@]} - 1; i++)); do
		__cma_plain "${words[i]}"
		case $plain in
		--from)
			__cma_plain "${words[++i]}"
			from=(--from "$plain")
			;;
		--from=*)
			from=(--from "${plain#*=}")
			;;
		--align | --count)
			((++i))
			;;
		--for)
			((++i))
			takes=nothing
			;;
		--html)
			takes=files
			;;
		-*) ;;
		*)
			if [[ -z $command ]]; then
				command=$plain
			else
				((++nr))
			fi
			;;
		esac
	done
}

# Proposes the arguments that begin like the word at the cursor. Readline replaces
# what stands after the last = or : of that word, or the last @ and what follows.
__cma_propose()
{
	local keep="" sign name plain

	for sign in @ = :; do
		if [[ $COMP_WORDBREAKS == *"$sign"* && $word == *"$sign"* ]]; then
			name=${word%"${word##*"$sign"}"}
			name=${name%@}
			((${#name} <= ${#keep})) || keep=$name
		fi
	done
	[[ $word != [\"\']* ]] || keep=""
	__cma_plain "$keep"
	keep=$plain
	__cma_plain "$word"
	for name in "$@"; do
		[[ $name == "$plain"* ]] || continue
		name=${name#"$keep"}
		if [[ $word != [\"\']* ]]; then
			printf -v name %q "$name"
			name=${name//\\,/,}
		fi
		COMPREPLY+=("$name")
	done
}

# The first column, which ends at two blanks and an address, or a dash.
__cma_areas()
{
	local -a areas

	mapfile -t areas < <("${words[0]}" "${from[@]}" ls 2>/dev/null |
		sed -nE '1d; s/ +(0x[0-9a-f]+|-)  .*//p')
	__cma_propose "${areas[@]}"
}

__cma_options()
{
	case $command in
	map) __cma_propose --fine --svg --json --html ;;
	who) __cma_propose --each ;;
	size) __cma_propose --for ;;
	watch) __cma_propose --count ;;
	try) __cma_propose --align ;;
	"") __cma_propose --from --help --version ;;
	esac
}

__cma_arguments()
{
	case $command:$nr$takes in
	:*) __cma_propose ls map who why size watch try bundle ;;
	map:0 | who:0 | why:0 | size:0 | try:1) __cma_areas ;;
	bundle:0 | *files) compopt -o default ;;
	esac
}

_cma()
{
	local -a words from
	local word command nr takes

	COMPREPLY=()
	__cma_words
	word=${words[-1]}
	__cma_parse
	case ${words[-2]} in
	--from)
		compopt -o default
		return
		;;
	--align | --count | --for)
		return
		;;
	esac
	case $word in
	--from=*) compopt -o default ;;
	-*) __cma_options ;;
	*) __cma_arguments ;;
	esac
}

complete -F _cma cma
