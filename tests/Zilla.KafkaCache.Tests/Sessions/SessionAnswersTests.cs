using Zilla.KafkaCache.Sessions;
using Zilla.Streams;
using Zilla.Streams.Frames;
using Zilla.Streams.V1;
using Zilla.Testing;

namespace Zilla.KafkaCache.Tests.Sessions;

/// <summary>What a session tells its edge, and how its stream ends.</summary>
public sealed class SessionAnswersTests : IAsyncLifetime, IStreamAcceptor
{
    private readonly TaskCompletionSource<SessionAnswers> _opened = new();
    private readonly InProcessLanes _lanes;

    public SessionAnswersTests() => _lanes = InProcessLanes.Connect(this);

    Task IStreamAcceptor.AcceptAsync(FrameStream stream, CancellationToken cancellationToken)
    {
        var answers = new SessionAnswers(stream, new(long.MaxValue));
        _opened.SetResult(answers);
        return answers.Over;
    }

    [Fact]
    public async Task Close_WithAReason_ComesBehindWhatWasAdded()
    {
        await using var stream = _lanes.Open(new());
        var answers = await Eventually.CompletesAsync(_opened.Task);

        answers.Add(new() { Request = 1 });
        answers.Add(new() { Request = 2 });
        answers.Close(new(Cause.TakenOver, "elsewhere"));
        answers.Add(new() { Request = 3 });

        Assert.Equal(FrameKind.Begin, (await ReadAsync(stream)).Kind);
        Assert.Equal(1u, MqttDataEx.Parser.ParseFrom((await ReadAsync(stream)).Extension.Span).Request);
        Assert.Equal(2u, MqttDataEx.Parser.ParseFrom((await ReadAsync(stream)).Extension.Span).Request);
        Assert.Equal(Cause.TakenOver, (await Assert.ThrowsAsync<StreamBrokenException>(() => ReadAsync(stream))).Cause);
    }

    [Fact]
    public async Task Close_BeforeAnythingWasTold_RefusesTheStream()
    {
        await using var stream = _lanes.Open(new());
        (await Eventually.CompletesAsync(_opened.Task)).Close(new(Cause.Misconfigured, "not compacted"));

        var broken = await Assert.ThrowsAsync<StreamBrokenException>(() => ReadAsync(stream));

        Assert.Equal((Cause.Misconfigured, true), (broken.Cause, broken.IsRefusal));
    }

    [Fact]
    public async Task Close_InOrder_EndsTheStream()
    {
        await using var stream = _lanes.Open(new());
        var answers = await Eventually.CompletesAsync(_opened.Task);

        answers.Add(new() { Request = 1 });
        Assert.Equal(FrameKind.Begin, (await ReadAsync(stream)).Kind);
        Assert.Equal(FrameKind.Data, (await ReadAsync(stream)).Kind);
        answers.Close();

        Assert.Equal(FrameKind.End, (await ReadAsync(stream)).Kind);
        await Eventually.HoldsAsync(() => answers.Over.IsCompletedSuccessfully);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _lanes.DisposeAsync();

    private static Task<StreamFrame> ReadAsync(FrameStream stream) => Eventually.CompletesAsync(stream.ReadAsync().AsTask());
}
