using Google.Protobuf;
using Zilla.KafkaCache.Sessions;
using Zilla.Streams;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;
using Zilla.Testing;

namespace Zilla.KafkaCache.Tests.Sessions;

/// <summary>A client's connection, without the stream between it and its session.</summary>
internal sealed class SessionConnection(string connection) : ISessionClient
{
    private readonly TaskCompletionSource<MqttAttached> _attached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<StreamBrokenException> _broken = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Connection => connection;

    public Session Session { get; set; } = null!;

    /// <summary>What it was told when it was attached.</summary>
    public MqttAttached Answer => _attached.Task.Result;

    public bool IsBroken => _broken.Task.IsCompleted;

    public Task AttachedAsync() => Eventually.CompletesAsync(Task.WhenAny(_attached.Task, Failed()).Unwrap());

    public Task<StreamBrokenException> BrokenAsync() => Eventually.CompletesAsync(_broken.Task);

    public Task SubscribeAsync(string filter) => DoAsync((life, _) => Assert.True(life.Requests.TrySubscribe(new() { Added = { new MqttSubscription { Filter = filter, Qos = 1 } } })));

    public Task ForgetWillAsync() => DoAsync((life, _) => Assert.True(life.Requests.TrySubscribe(new() { ForgetWill = true })));

    public Task SubscribeAsync(MqttSubscribe change) => DoAsync((life, _) => Assert.True(life.Requests.TrySubscribe(change)));

    public Task PublishAsync(ushort packetId, string value) => DoAsync((life, step) =>
        life.Requests.Publish(packetId, new() { Topic = "messages", Record = new() { Partition = -1, Key = ByteString.CopyFromUtf8("t") } }, System.Text.Encoding.UTF8.GetBytes(value), step));

    public Task ReleaseAsync(ushort packetId) => DoAsync((life, _) => life.Requests.Release(packetId));

    public void Report(string topic, long offset) => Session.Post(this, (life, _) => life.Requests.TryDeliver(new()
    {
        Progress = { new MqttTopicProgress { Topic = topic, Progress = ByteString.CopyFrom(KafkaProgress.Of(0, offset).Encode()) } },
    }), urgent: false);

    public void End(MqttEndEx.Types.How how) => Session.Post(this, (life, step) => life.End(new() { How = how }, step));

    public Task EndAsync(MqttEndEx.Types.How how, uint? expiry = null)
    {
        var end = new MqttEndEx { How = how };
        if (expiry is { } seconds)
        {
            end.Expiry = seconds;
        }

        return DoAsync((life, step) => life.End(end, step));
    }

    public void Lose() => Session.Post(this, (life, _) => life.Lose());

    public void Attached(MqttAttached attached) => _attached.TrySetResult(attached);

    public void Break(StreamBrokenException why) => _broken.TrySetResult(why);

    private async Task DoAsync(Action<SessionLife, SessionStep> apply)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Session.Post(this, apply, failure =>
        {
            if (failure is null)
            {
                done.TrySetResult();
            }
            else
            {
                done.TrySetException(failure);
            }
        });
        await await Task.WhenAny(done.Task, Failed()).WaitAsync(TimeSpan.FromSeconds(30));
    }

    private async Task<MqttAttached> Failed() => throw await _broken.Task;
}
