using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Logging.Abstractions;
using Zilla.Control.Sources;
using Zilla.Testing;

namespace Zilla.Control.Tests;

public sealed class FeedTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("zilla-feed-").FullName;

    private string File => Path.Combine(_folder, "zilla.yaml");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task File_MissingThenWrittenThenReplacedThenDeleted_IsFollowed()
    {
        await using var feed = Follow(new FileFeed(File, new ControlOptions(), TimeProvider.System, NullLogger<FileFeed>.Instance));
        Assert.NotNull((await NextAsync(feed)).Problem);

        WholeFile.Write(File, "one");
        Assert.Equal("one", (await NextAsync(feed)).Text);

        WholeFile.Write(File, "two");
        Assert.Equal("two", (await NextAsync(feed)).Text);

        System.IO.File.Delete(File);
        Assert.NotNull((await NextAsync(feed)).Problem);
    }

    [Fact]
    public async Task File_WrittenInPieces_IsReadWhenItHasSettled()
    {
        System.IO.File.WriteAllText(File, "old");
        var time = new ManualTime();
        await using var feed = Follow(new FileFeed(File, new ControlOptions(), time, NullLogger<FileFeed>.Instance));
        Assert.Equal("old", (await NextAsync(feed)).Text);

        System.IO.File.WriteAllText(File, "name: te");
        var next = feed.MoveNextAsync().AsTask();
        System.IO.File.WriteAllText(File, "name: test");
        await Eventually.HoldsAsync(() =>
        {
            time.Advance(TimeSpan.FromMilliseconds(100));
            return next.IsCompleted;
        });
        Assert.Equal("name: test", feed.Current.Text);
    }

    [Fact]
    public async Task Url_FailsAtFirst_IsAskedAgainAndThenPolledWithItsTag()
    {
        var answers = new Answers(
            _ => new HttpResponseMessage(HttpStatusCode.ServiceUnavailable),
            _ => throw new HttpRequestException("connection refused"),
            _ => Tagged("one", "\"1\""),
            request => request.Headers.IfNoneMatch.Single().Tag == "\"1\"" ? new HttpResponseMessage(HttpStatusCode.NotModified) : throw new InvalidOperationException("no tag"),
            _ => Tagged("two", "\"2\""));
        var time = new ManualTime();
        await using var feed = Follow(new UrlFeed(new Uri("http://user:secret@config.example/zilla.yaml"), new ControlOptions(), new HttpClient(answers), time, () => 0));

        Assert.Equal("the answer is 503 Service Unavailable", (await NextAsync(feed)).Problem);
        Assert.Equal("connection refused", (await NextAsync(feed, time, TimeSpan.FromSeconds(1))).Problem);
        Assert.Equal("one", (await NextAsync(feed, time, TimeSpan.FromSeconds(2))).Text);
        Assert.Equal("two", (await NextAsync(feed, time, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60))).Text);
    }

    [Fact]
    public async Task Url_WithTags_IsWaitedFor_AndACutWaitIsNoFailure()
    {
        var prefer = new List<string>();
        HttpResponseMessage Note(HttpRequestMessage request, HttpResponseMessage answer)
        {
            prefer.Add(request.Headers.TryGetValues("Prefer", out var values) ? values.Single() : "");
            return answer;
        }

        var answers = new Answers(
            request => Note(request, Tagged("one", "\"1\"")),
            request => Note(request, Tagged("two", "\"2\"")),
            request => Note(request, new HttpResponseMessage(HttpStatusCode.GatewayTimeout)),
            request => Note(request, Tagged("three", "\"3\"")),
            request => Note(request, new HttpResponseMessage(HttpStatusCode.BadGateway)),
            request => Note(request, new HttpResponseMessage(HttpStatusCode.BadGateway)),
            request => Note(request, new HttpResponseMessage(HttpStatusCode.NotModified)));
        var time = new ManualTime();
        await using var feed = Follow(new UrlFeed(new Uri("http://config.example/zilla.yaml"), new ControlOptions(), new HttpClient(answers), time, () => 0));

        Assert.Equal("one", (await NextAsync(feed)).Text);
        Assert.Equal("two", (await NextAsync(feed, time, TimeSpan.FromSeconds(1))).Text);
        Assert.Equal("three", (await NextAsync(feed, time, TimeSpan.FromSeconds(1))).Text);
        Assert.Equal("the answer is 502 Bad Gateway", (await NextAsync(feed, time, TimeSpan.FromSeconds(1))).Problem);

        // Nothing new, and readable again.
        Assert.Equal("three", (await NextAsync(feed, time, TimeSpan.FromSeconds(1))).Text);
        Assert.Equal(["", "wait=86400", "wait=86400", "", "wait=86400", "", ""], prefer);
    }

    [Fact]
    public async Task Url_ThatAnswersAtOnceAllTheSame_IsAskedEveryPollInterval()
    {
        var time = new ManualTime();
        var asked = new List<long>();
        HttpResponseMessage Note(HttpResponseMessage answer)
        {
            asked.Add(time.GetTimestamp() / TimeSpan.TicksPerSecond);
            return answer;
        }

        var answers = new Answers(
            _ => Note(Tagged("one", "\"1\"")),
            _ => Note(new HttpResponseMessage(HttpStatusCode.NotModified)),
            _ => Note(Tagged("one", "\"changes every time\"")),
            _ => Note(Tagged("two", "\"2\"")));
        await using var feed = Follow(new UrlFeed(new Uri("http://config.example/zilla.yaml"), new ControlOptions(), new HttpClient(answers), time, () => 0));

        Assert.Equal("one", (await NextAsync(feed)).Text);
        var next = feed.MoveNextAsync().AsTask();
        await Eventually.HoldsAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return next.IsCompleted;
        });
        Assert.Equal("two", feed.Current.Text);
        Assert.True(asked[2] - asked[1] >= 60 && asked[3] - asked[2] >= 60, string.Join(' ', asked));
    }

    [Fact]
    public void Url_WithPassword_DoesNotShowIt() => Assert.Equal(
        "http://config.example/zilla.yaml",
        new UrlFeed(new Uri("http://user:secret@config.example/zilla.yaml"), new ControlOptions(), new HttpClient(), TimeProvider.System, () => 0).Source.Name);

    private static IAsyncEnumerator<Reading> Follow(ConfigurationFeed feed) => feed.ReadAsync(CancellationToken.None).GetAsyncEnumerator();

    /// <summary>The next reading, which must not come before the clock has moved by all of <paramref name="waits"/>.</summary>
    private static async Task<Reading> NextAsync(IAsyncEnumerator<Reading> feed, ManualTime? time = null, params TimeSpan[] waits)
    {
        var next = feed.MoveNextAsync().AsTask();
        foreach (var wait in waits)
        {
            Assert.False(next.IsCompleted);
            time!.Advance(wait);
        }

        await Eventually.CompletesAsync(next);
        return feed.Current;
    }

    private static HttpResponseMessage Tagged(string text, string tag) =>
        new(HttpStatusCode.OK) { Content = new StringContent(text), Headers = { ETag = new EntityTagHeaderValue(tag) } };

    private sealed class Answers(params Func<HttpRequestMessage, HttpResponseMessage>[] answers) : HttpMessageHandler
    {
        private int _next;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(answers[_next++](request));
    }
}
