//! Tasks: run once, watched, stopped, and how they ended.

use aws_sdk_ecs::types::{CapacityProviderStrategyItem, DesiredStatus, Tag, TaskField};
use posterframe_contract::names;
use posterframe_local::Options;

use crate::support::{Local, code, fresh, programs, start_with, wait_for};

async fn list(local: &Local, by: &str, status: DesiredStatus) -> Vec<String> {
    let list = local.ecs.list_tasks().cluster(names::CLUSTER).started_by(by);
    let listed = list.desired_status(status).send().await.unwrap();
    listed.task_arns.unwrap_or_default()
}

// Breaks if a job's end is reported wrongly: its code, its reason, its times.
#[tokio::test]
async fn exit_codes() {
    let (local, _folder) = fresh().await;
    let (good, bad) = (local.run(&["exit", "0"]).await, local.run(&["exit", "65"]).await);
    for (id, exit) in [(good, 0), (bad, 65)] {
        let task = local.reached(&id, "STOPPED").await;
        assert_eq!(task.containers()[0].exit_code(), Some(exit));
        assert_eq!(task.stopped_reason(), Some("Essential container in task exited"));
        let times = [task.created_at(), task.started_at(), task.stopped_at()];
        let times = times.map(|time| time.unwrap().as_nanos());
        assert!(times.is_sorted(), "{times:?}");
    }
}

// Breaks if an event that is delivered twice runs two tasks, or a token is taken for another job's.
#[tokio::test]
async fn client_tokens() {
    let (local, _folder) = fresh().await;
    let run = |word: &'static str| local.run_task(&["exit", word]).client_token("token-1").send();
    let first = run("0").await.unwrap().tasks.unwrap().remove(0);
    let arn = first.task_arn().unwrap();
    local.reached(names::task_id(arn), "STOPPED").await;
    let again = run("0").await.unwrap().tasks.unwrap().remove(0);
    assert_eq!(again.task_arn(), Some(arn));
    let conflict = run("1").await.unwrap_err().into_service_error();
    assert!(conflict.is_conflict_exception(), "{conflict:?}");
    let count = local.ecs.list_tasks().cluster(names::CLUSTER);
    let count = count.desired_status(DesiredStatus::Stopped).send().await.unwrap();
    assert_eq!(count.task_arns().len(), 1);
}

// Breaks if a job cannot be cancelled while it runs, or is said to have ended by itself.
#[tokio::test]
async fn stopped_while_it_runs() {
    let (local, _folder) = fresh().await;
    let run = local.run_task(&["sleep"]).started_by("me").send().await.unwrap();
    let arn = run.tasks()[0].task_arn().unwrap().to_owned();
    let id = names::task_id(&arn);
    local.reached(id, "RUNNING").await;
    let running = list(&local, "me", DesiredStatus::Running).await;
    assert_eq!(running, std::slice::from_ref(&arn));
    let stop = local.ecs.stop_task().cluster(names::CLUSTER).task(&arn);
    let stopping = stop
        .clone()
        .reason("Cancelled")
        .send()
        .await
        .unwrap()
        .task
        .unwrap();
    assert_eq!(stopping.desired_status(), Some("STOPPED"));
    let task = local.reached(id, "STOPPED").await;
    assert_eq!(task.stopped_reason(), Some("Cancelled"));
    assert_eq!(task.stop_code().unwrap().as_str(), "UserInitiated");
    assert_eq!(task.containers()[0].exit_code(), Some(128 + 15));
    assert_eq!(list(&local, "me", DesiredStatus::Stopped).await, [arn]);
    // Once more is no error and changes nothing.
    let again = stop.reason("Late").send().await.unwrap().task.unwrap();
    assert_eq!(again.stopped_reason(), Some("Cancelled"));
}

// Breaks if a worker that takes no signal can hold a place for ever.
#[tokio::test]
async fn stubborn_workers_are_killed() {
    let (local, folder) = fresh().await;
    let trapped = folder.path().join("trapped");
    let id = local.run(&["stubborn", trapped.to_str().unwrap()]).await;
    wait_for("the shell's trap", async || trapped.exists().then_some(())).await;
    let stop = local.ecs.stop_task().cluster(names::CLUSTER).task(&id);
    stop.send().await.unwrap();
    let task = local.reached(&id, "STOPPED").await;
    assert_eq!(task.containers()[0].exit_code(), Some(128 + 9));
}

// Breaks if more tasks run than may, one that waits is forgotten, or one that waits cannot be cancelled.
#[tokio::test]
async fn a_place_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        max_tasks: 1,
        ..Options::new(folder.path().join("data"), programs())
    };
    let local = start_with(options).await;
    let flag = folder.path().join("flag");
    let first = local.run(&["until", flag.to_str().unwrap()]).await;
    let second = local.run(&["exit", "0"]).await;
    let third = local.run(&["exit", "0"]).await;
    local.reached(&first, "RUNNING").await;
    assert_eq!(local.task(&third).await.last_status(), Some("PENDING"));
    let stop = local.ecs.stop_task().cluster(names::CLUSTER).task(&second);
    let stopped = stop.send().await.unwrap().task.unwrap();
    assert_eq!(stopped.last_status(), Some("STOPPED"));
    assert!(stopped.started_at().is_none());
    std::fs::write(flag, "").unwrap();
    let third = local.reached(&third, "STOPPED").await;
    assert_eq!(third.containers()[0].exit_code(), Some(0));
    let first = local.task(&first).await;
    assert!(first.stopped_at().unwrap().as_nanos() <= third.started_at().unwrap().as_nanos());
}

// Breaks if a tool that labels its tasks does not find them by their labels again.
#[tokio::test]
async fn tags() {
    let (local, _folder) = fresh().await;
    let tag = |key: &str, value: &str| Tag::builder().key(key).value(value).build();
    let run = local
        .run_task(&["exit", "0"])
        .tags(tag("a", "1"))
        .send()
        .await
        .unwrap();
    let arn = run.tasks()[0].task_arn().unwrap();
    local.reached(names::task_id(arn), "STOPPED").await;
    let more = local.ecs.tag_resource().resource_arn(arn);
    more.tags(tag("a", "2")).tags(tag("b", "3")).send().await.unwrap();
    let describe = local.ecs.describe_tasks().cluster(names::CLUSTER).tasks(arn);
    let silent = describe.clone().send().await.unwrap();
    assert_eq!(silent.tasks()[0].tags(), []);
    let told = describe.include(TaskField::Tags).send().await.unwrap();
    assert_eq!(told.tasks()[0].tags(), [tag("a", "2"), tag("b", "3")]);
    let fewer = local.ecs.untag_resource().resource_arn(arn).tag_keys("a");
    fewer.send().await.unwrap();
    let left = local
        .ecs
        .list_tags_for_resource()
        .resource_arn(arn)
        .send()
        .await
        .unwrap();
    assert_eq!(left.tags(), [tag("b", "3")]);
}

// Breaks if a tool that lists a cluster's parts takes what is none for a failure, or the reverse.
#[tokio::test]
async fn what_there_is_none_of() {
    let (local, _folder) = fresh().await;
    let services = local
        .ecs
        .describe_services()
        .cluster(names::CLUSTER)
        .services("web");
    let services = services.send().await.unwrap();
    assert_eq!(services.failures()[0].reason(), Some("MISSING"));
    let instances = local.ecs.list_container_instances();
    let of_ours = instances.clone().cluster(names::CLUSTER).send().await.unwrap();
    assert_eq!(of_ours.container_instance_arns(), [] as [&str; 0]);
    assert_eq!(
        code(instances.cluster("other").send().await),
        "ClusterNotFoundException"
    );
    let strategy = CapacityProviderStrategyItem::builder().capacity_provider("FARGATE");
    let run = local
        .run_task(&["exit", "0"])
        .capacity_provider_strategy(strategy.build().unwrap());
    assert_eq!(code(run.send().await), "InvalidParameterException");
}

// Breaks if tasks that run side by side may each take all of the memory.
#[tokio::test]
async fn tasks_share_the_memory() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        max_pixels: Some(1_000_000),
        ..Options::new(folder.path(), programs())
    };
    let local = start_with(options).await;
    let id = local.run(&["environment"]).await;
    local.reached(&id, "STOPPED").await;
    let output = local.output(&id).await;
    assert!(output[0].ends_with("pixels=1000000"), "{output:?}");
}

// Breaks if a mistake in a call is taken for a task.
#[tokio::test]
async fn mistakes() {
    let (local, _folder) = fresh().await;
    let cluster = local.run_task(&["exit", "0"]).cluster("other").send().await;
    assert_eq!(code(cluster), "ClusterNotFoundException");
    let definition = local.run_task(&["exit", "0"]).task_definition("other");
    assert_eq!(code(definition.send().await), "ClientException");
    let missing = "arn:aws:ecs:us-east-1:000000000000:task/posterframe/0123";
    let described = local.ecs.describe_tasks().cluster(names::CLUSTER).tasks(missing);
    let described = described.send().await.unwrap();
    assert!(described.tasks().is_empty());
    assert_eq!(described.failures()[0].reason(), Some("MISSING"));
    let stop = local.ecs.stop_task().cluster(names::CLUSTER).task(missing);
    assert_eq!(code(stop.send().await), "InvalidParameterException");
}
