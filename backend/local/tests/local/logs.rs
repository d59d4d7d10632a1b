//! What tasks print, as `CloudWatch` Logs gives it out.

use std::collections::HashMap;

use posterframe_contract::names;

use crate::support::{code, fresh};

fn group() -> String {
    names::task_log_group(names::TASK_FAMILY)
}

// Breaks if a stopped task's log lacks its last words, its errors, or its environment is not the given one.
#[tokio::test]
async fn all_of_the_output() {
    let (local, _folder) = fresh().await;
    let (both, environment) = (local.run(&["both"]).await, local.run(&["environment"]).await);
    local.reached(&both, "STOPPED").await;
    let mut lines = local.output(&both).await;
    lines.sort();
    assert_eq!(lines, ["err", "no newline", "out"]);
    local.reached(&environment, "STOPPED").await;
    let expected = format!(
        "name= endpoint={} region=us-east-1 pixels=",
        local.backend.endpoint()
    );
    assert_eq!(local.output(&environment).await, [expected]);
}

// Breaks if a log that is followed page by page loses lines, repeats them, or never says that it is at its end.
#[tokio::test]
async fn followed_by_tokens() {
    let (local, _folder) = fresh().await;
    let id = local.run(&["say", "1", "2", "3", "4", "5"]).await;
    local.reached(&id, "STOPPED").await;
    let stream = names::task_log_stream(names::LOG_STREAM_PREFIX, names::CONTAINER, &id);
    let get = local.logs.get_log_events().log_group_name(group());
    let get = get.log_stream_name(&stream).limit(2);
    let (mut lines, mut token) = (Vec::new(), None);
    loop {
        let page = get.clone().start_from_head(true).set_next_token(token.clone());
        let page = page.send().await.unwrap();
        lines.extend(
            page.events()
                .iter()
                .map(|event| event.message().unwrap().to_owned()),
        );
        if page.next_forward_token == token {
            break;
        }
        token = page.next_forward_token;
    }
    assert_eq!(lines, ["1", "2", "3", "4", "5"]);
    let newest = get.send().await.unwrap();
    let newest: Vec<_> = newest
        .events()
        .iter()
        .map(|event| event.message().unwrap())
        .collect();
    assert_eq!(newest, ["4", "5"]);
}

// Breaks if a search finds the wrong lines, or lists show streams that are not there.
#[tokio::test]
async fn searched_and_listed() {
    let (local, _folder) = fresh().await;
    let id = local.run(&["say", "INFO fine", "ERROR bad", "INFO better"]).await;
    let other = local.run(&["say", "ERROR other"]).await;
    for id in [&id, &other] {
        local.reached(id, "STOPPED").await;
    }
    let stream = names::task_log_stream(names::LOG_STREAM_PREFIX, names::CONTAINER, &id);
    let filter = local.logs.filter_log_events().log_group_name(group());
    let found = filter.clone().filter_pattern("ERROR").send().await.unwrap();
    assert_eq!(found.events().len(), 2);
    let found = filter.clone().filter_pattern("ERROR").log_stream_names(&stream);
    let found = found.send().await.unwrap();
    assert_eq!(found.events()[0].message(), Some("ERROR bad"));
    assert_eq!(found.events()[0].log_stream_name(), Some(stream.as_str()));
    let pages = filter.limit(1).into_paginator().send();
    let pages = pages.collect::<Result<Vec<_>, _>>().await.unwrap();
    assert_eq!(pages.iter().map(|page| page.events().len()).sum::<usize>(), 4);

    let streams = local.logs.describe_log_streams().log_group_name(group());
    assert_eq!(streams.clone().send().await.unwrap().log_streams().len(), 2);
    let one = streams.log_stream_name_prefix(&stream).send().await.unwrap();
    assert_eq!(one.log_streams()[0].log_stream_name(), Some(stream.as_str()));
    assert!(one.log_streams()[0].last_event_timestamp().is_some());
    let groups = local
        .logs
        .describe_log_groups()
        .log_group_name_prefix("/aws/lambda/");
    assert_eq!(groups.send().await.unwrap().log_groups().len(), 2);
    let groups = local.logs.describe_log_groups().log_group_identifiers(group());
    let groups = groups.send().await.unwrap();
    assert_eq!(groups.log_groups()[0].log_group_name(), Some(group().as_str()));
    assert_eq!(groups.log_groups().len(), 1);
    let listed = local.logs.list_log_groups().send().await.unwrap();
    assert_eq!(listed.log_groups().len(), 3);
    let tags = local.logs.list_tags_for_resource();
    let tags = tags.resource_arn(groups.log_groups()[0].log_group_arn().unwrap());
    assert!(tags.send().await.unwrap().tags().is_none_or(HashMap::is_empty));
    let filters = local.logs.describe_metric_filters().send().await.unwrap();
    assert!(filters.metric_filters().is_empty());
    let missing = local
        .logs
        .get_log_events()
        .log_group_name(group())
        .log_stream_name("x");
    assert_eq!(code(missing.send().await), "ResourceNotFoundException");
}
