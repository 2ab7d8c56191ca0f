using System.Collections.Concurrent;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Zilla.EdgeMqtt.Sessions;
using Zilla.KafkaCache.Sessions;
using Zilla.Streams;
using Zilla.Streams.Frames;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;
using Zilla.Testing;
using SessionOwner = Zilla.EdgeMqtt.Sessions.Owners.SessionOwner;

namespace Zilla.EdgeMqtt.Tests.Sessions;

/// <summary>What the owner of a session is told by the way, while it answers when the test says so.</summary>
public sealed class ReportTests : IAsyncLifetime, ISessionOwners, IStreamAcceptor
{
    private readonly ManualTime _time = new();
    private readonly ConcurrentQueue<MqttDataEx> _told = new();
    private readonly TaskCompletionSource<SessionAnswers> _answers = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly InProcessLanes _lanes;

    public ReportTests() => _lanes = InProcessLanes.Connect(this);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _lanes.DisposeAsync();

    [Fact]
    public async Task Report_TheOneBeforeIsNotAnswered_TheyBecomeOne()
    {
        var sessions = new RemoteSessions(this, new SessionsOptions(), _time, NullLogger<RemoteSessions>.Instance);
        await using var session = await Eventually.CompletesAsync(sessions.ConnectAsync(new(SessionCluster.Space, "c"), CancellationToken.None));
        session.Report(At(1));
        await ToldAsync(1);

        for (var offset = 2; offset <= 50; offset++)
        {
            session.Report(At(offset));
            _time.Advance(TimeSpan.FromSeconds(2));
        }

        (await _answers.Task).Add(new() { Request = _told.First().Request, Done = new() });
        await ToldAsync(2);

        Assert.Equal([At(1), At(50)], _told.Select(told => told.Delivery));
    }

    Task<SessionOwner> ISessionOwners.WaitAsync(SessionSpace space, string key, long newerThan, CancellationToken cancellationToken) => Task.FromResult(new SessionOwner(0, "here", 1));

    FrameStream ISessionOwners.Open(SessionOwner owner, Begin begin) => _lanes.Open(begin);

    async Task IStreamAcceptor.AcceptAsync(FrameStream stream, CancellationToken cancellationToken)
    {
        var answers = new SessionAnswers(stream, new(long.MaxValue));
        answers.Add(new() { Attached = new() });
        _answers.SetResult(answers);
        while (await stream.ReadAsync(cancellationToken) is var frame && frame.Kind != FrameKind.End)
        {
            if (frame.Kind == FrameKind.Data)
            {
                _told.Enqueue(frame.Parse(ExtensionKind.Mqtt, MqttDataEx.Parser));
            }
        }

        answers.Close();
        await answers.Over;
    }

    private Task ToldAsync(int count) => Eventually.HoldsAsync(() =>
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        return _told.Count >= count;
    });

    private static MqttDelivery At(long offset) =>
        new() { Progress = { new MqttTopicProgress { Topic = "messages", Progress = ByteString.CopyFrom(KafkaProgress.Of(0, offset).Encode()) } } };
}
