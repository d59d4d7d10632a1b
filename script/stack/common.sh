# shellcheck shell=bash
# Shared functions of script/deploy and script/undeploy. Sourced, not run.

# Prints a message that says what to do, and exits.
die() {
  printf '%s: %s\n' "${0##*/}" "$1" >&2
  exit 1
}

step() { printf '\n== %s\n' "$1" >&2; }

# Prints a command, and runs it unless this is a dry run. `dry_run` is the caller's.
run() {
  printf '+' >&2
  printf ' %q' "$@" >&2
  printf '\n' >&2
  [ -n "$dry_run" ] || "$@"
}

# Like `run`, for a command whose output is needed. In a dry run, the output is the placeholder $1.
ask() {
  local placeholder=$1
  shift
  run "$@" || return
  [ -z "$dry_run" ] || printf '%s\n' "$placeholder"
}

need() {
  command -v "$1" >/dev/null || die "$1 is missing: $2"
}

# Checks the stack's name. It is part of the bucket's name, NAME-ACCOUNT-REGION, which must be a host name of at most 63
# characters. It is also part of the image's repository, where ECR requires a letter or digit on both sides of a hyphen.
check_stack_name() {
  [[ ${#1} -le 30 && $1 =~ ^[a-z][a-z0-9]*(-[a-z0-9]+)*$ ]] ||
    die "a stack's name is a lower-case letter and up to 29 more, digits or single hyphens in between, not '$1'"
}

# Sets `account` and `region`, or exits with advice about the login. `aws` is the caller's array.
check_login() {
  if [ -z "$region" ]; then
    region=${AWS_REGION:-${AWS_DEFAULT_REGION:-}}
    [ -n "$region" ] || region=$("${aws[@]}" configure get region || true)
    [ -n "$region" ] || die "no region: give --region, or set one with 'aws configure'"
  fi
  aws+=(--region "$region")
  # shellcheck disable=SC2034  # for the caller
  account=$(ask 123456789012 "${aws[@]}" sts get-caller-identity --query Account --output text) ||
    die "the login does not work: log in with 'aws sso login' or 'aws configure', or give another --profile"
}

# Prints the state of a stack, or nothing if there is none.
stack_status() {
  local answer
  if answer=$("${aws[@]}" cloudformation describe-stacks --stack-name "$1" \
    --query 'Stacks[0].StackStatus' --output text 2>&1); then
    printf '%s\n' "$answer"
  elif ! [[ $answer == *"does not exist"* ]]; then
    die "the stack $1 cannot be looked at: $answer"
  fi
}

# Prints all outputs of a stack, one per line: name, tab, value.
stack_outputs() {
  ask "" "${aws[@]}" cloudformation describe-stacks --stack-name "$1" \
    --query 'Stacks[0].Outputs[].[OutputKey, OutputValue]' --output text
}

# Prints the output named $2 in $1, the text from stack_outputs.
output() {
  if [ -n "$dry_run" ]; then
    printf '<%s>\n' "$2"
    return
  fi
  awk -F '\t' -v name="$2" '$1 == name { print $2; found = 1 } END { exit !found }' <<<"$1" ||
    die "the stack has no output $2: was it made from another template?"
}

# Prints the errors of a stack's last change.
stack_failures() {
  "${aws[@]}" cloudformation describe-stack-events --stack-name "$1" --output text --query \
    "StackEvents[?ends_with(ResourceStatus, 'FAILED')].[LogicalResourceId, ResourceStatusReason]" | head -10 >&2 || true
}

# Creates ECS's service-linked role, if it is missing. ECS creates it with the first cluster, but then the first tasks may
# start before the role is known everywhere, and a user who may not create roles gets a misleading error.
ensure_ecs_role() {
  local answer
  if answer=$(run "${aws[@]}" iam create-service-linked-role --aws-service-name ecs.amazonaws.com 2>&1 >/dev/null); then
    printf '%s\n' "$answer" >&2
    return
  fi
  case $answer in
    *"has been taken"* | *EntityAlreadyExists*) echo "it is there" >&2 ;;
    *AccessDenied* | *"not authorized"*)
      # A user who may not create the role may still be allowed to see whether it exists.
      if answer=$("${aws[@]}" iam get-role --role-name AWSServiceRoleForECS 2>&1); then
        echo "it is there" >&2
      elif [[ $answer == *NoSuchEntity* ]]; then
        die "this account has never used ECS, and this login may not make ECS's service-linked role: let an administrator run 'aws iam create-service-linked-role --aws-service-name ecs.amazonaws.com', and run this again"
      else
        echo "this login may not look for ECS's service-linked role; if the cluster or the tasks fail for want of it, let an administrator run 'aws iam create-service-linked-role --aws-service-name ecs.amazonaws.com'" >&2
      fi
      ;;
    *) die "ECS's service-linked role could not be made: $answer" ;;
  esac
}

# Prints the ARN of the private ECR repository of an image's address; nothing for another registry.
ecr_repository_arn() {
  [[ $1 =~ ^([0-9]{12})\.dkr[.-]ecr(-fips)?\.([a-z0-9-]+)\.(amazonaws\.com|amazonaws\.com\.cn|on\.aws)/([^:@]+) ]] || return 0
  local partition=aws
  case ${BASH_REMATCH[3]} in
    cn-*) partition="aws-cn" ;;
    us-gov-*) partition="aws-us-gov" ;;
  esac
  printf 'arn:%s:ecr:%s:%s:repository/%s\n' "$partition" "${BASH_REMATCH[3]}" "${BASH_REMATCH[1]}" "${BASH_REMATCH[5]}"
}

escape_commas() { printf '%s' "${1//,/\\,}"; }

# Creates or updates a stack: apply_stack NAME TEMPLATE [KEY=VALUE…]. Other parameters keep their values.
#
# It uses create-stack and update-stack, not `aws cloudformation deploy`: change sets have no advantage here, and not every
# CloudFormation server returns the outputs of a stack that a change set created.
apply_stack() {
  local name=$1 template=$2 status="" verb=create key value
  shift 2
  local parameters=() given=" "
  for pair in "$@"; do
    key=${pair%%=*}
    # A list of subnets contains commas, which the short form splits unless they are escaped.
    parameters+=("ParameterKey=$key,ParameterValue=$(escape_commas "${pair#*=}")")
    given+="$key "
  done
  [ -n "$dry_run" ] || status=$(stack_status "$name")
  case $status in
    "") ;;
    *_IN_PROGRESS) die "the stack $name is being changed ($status): wait, and run this again" ;;
    ROLLBACK_COMPLETE | CREATE_FAILED | ROLLBACK_FAILED)
      # A stack whose creation failed can only be deleted.
      run "${aws[@]}" cloudformation delete-stack --stack-name "$name"
      run "${aws[@]}" cloudformation wait stack-delete-complete --stack-name "$name"
      ;;
    DELETE_FAILED | UPDATE_ROLLBACK_FAILED)
      die "the stack $name is stuck ($status): look at its events in the CloudFormation console, then run script/undeploy"
      ;;
    *)
      verb=update
      # The old values are passed explicitly, since not every server supports UsePreviousValue for defaults.
      while IFS=$'\t' read -r key value; do
        # Parameters that a newer template lacks are dropped.
        if [[ $given != *" $key "* ]] && grep -q "^  $key:\$" "$template"; then
          parameters+=("ParameterKey=$key,ParameterValue=$(escape_commas "$value")")
        fi
      done < <("${aws[@]}" cloudformation describe-stacks --stack-name "$name" \
        --query 'Stacks[0].Parameters[].[ParameterKey, ParameterValue]' --output text)
      ;;
  esac
  local command=("${aws[@]}" cloudformation "$verb-stack" --stack-name "$name" --template-body "file://$template"
    --capabilities CAPABILITY_IAM)
  [ ${#parameters[@]} -eq 0 ] || command+=(--parameters "${parameters[@]}")
  local answer
  if ! answer=$(run "${command[@]}" 2>&1 >/dev/null); then
    printf '%s\n' "$answer" >&2
    case $answer in
      *"No updates are to be performed"*) return 0 ;;
      *AccessDenied* | *"not authorized"*) die "this login may not make the stack: it needs an administrator's rights" ;;
      *) die "the stack $name was refused; the reason is above" ;;
    esac
  fi
  printf '%s\n' "$answer" >&2
  if ! run "${aws[@]}" cloudformation wait "stack-$verb-complete" --stack-name "$name"; then
    stack_failures "$name"
    die "the stack $name could not be made or changed and is as it was before; the reasons are above. Put them right and run this again"
  fi
}
