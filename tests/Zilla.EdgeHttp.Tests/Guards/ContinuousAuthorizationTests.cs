using System.Net;
using Zilla.Config.Bindings;
using Zilla.Edge.Tests.Guards;
using Zilla.EdgeHttp.Tests.Sse;
using Zilla.Testing;
using static Zilla.EdgeHttp.Tests.Guards.GuardedGateway;

namespace Zilla.EdgeHttp.Tests.Guards;

/// <summary>
/// Tokens are good for an hour, their clients asked for newer ones five minutes before. HTTP/2, where a client can answer on the connection that its
/// events come through.
/// </summary>
public sealed class ContinuousAuthorizationTests
{
    private const string Retry = "retry:2500\n\n";
    private const string Challenge = "event:challenge\ndata:{\"method\":\"POST\",\"headers\":{\"content-type\":\"application/x-challenge-response\"}}\n\n";
    private const string ChallengeResponse = "application/x-challenge-response";

    private static readonly HttpServerBinding Server = Http with { Routes = [Route("sse", "/events*", "read"), Route("rest", "/items*")] };

    [Fact]
    public async Task ChallengeAnswered_StreamGoesOn_AndIsChallengedAgain()
    {
        await using var guarded = await StartAsync(Server);
        await using var events = await OpenAsync(guarded, Issuer.Token(TestIssuer.Now));
        await events.ExpectAsync(Retry);

        guarded.Time.Advance(TimeSpan.FromMinutes(55));
        await events.ExpectAsync(Challenge);
        Assert.Equal(HttpStatusCode.NoContent, await AnswerAsync(guarded, guarded.Gateway.Http2, Issuer.Token(guarded.Time.GetUtcNow())));

        guarded.Time.Advance(TimeSpan.FromMinutes(54));
        guarded.Gateway.Items.Append(0, "1", "still here");
        await events.ExpectAsync("id:AQIAAg==\ndata:still here\n\n");

        guarded.Time.Advance(TimeSpan.FromMinutes(1));
        await events.ExpectAsync(Challenge);
        guarded.Time.Advance(TimeSpan.FromMinutes(5));
        guarded.Time.Advance(TimeSpan.FromSeconds(2)); // the skew
        await events.ExpectEndAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ChallengeNotAnswered_AskedOnce_StreamEndsAtExpiryAndTheConnectionStays(bool http2)
    {
        await using var guarded = await StartAsync(Server);
        var client = http2 ? guarded.Gateway.Http2 : guarded.Gateway.Client;
        await using var events = await EventStream.OpenAsync(client, "/events?access_token=" + Issuer.Token(TestIssuer.Now));

        guarded.Time.Advance(TimeSpan.FromMinutes(56));
        await events.ExpectAsync(Retry + Challenge);
        guarded.Time.Advance(TimeSpan.FromMinutes(3));
        guarded.Gateway.Items.Append(0, "1", "one");
        await events.ExpectAsync("id:AQIAAg==\ndata:one\n\n");
        guarded.Time.Advance(TimeSpan.FromSeconds(63));
        await events.ExpectEndAsync();

        using var response = await guarded.SendAsync(HttpMethod.Get, "/items", Issuer.Token(guarded.Time.GetUtcNow()), client: client);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("""{"sub":"bob"}""")]
    [InlineData("""{"scope":"write"}""")]
    [InlineData("""{"org":{"tenant":"t2"}}""")]
    [InlineData("""{"iss":"https://evil.example"}""")]
    public async Task ChallengeAnsweredWithAnothersToken_StreamEnds(string claims)
    {
        await using var guarded = await StartAsync(Server);
        await using var events = await OpenAsync(guarded, Issuer.Token(TestIssuer.Now));

        guarded.Time.Advance(TimeSpan.FromMinutes(55));
        await events.ExpectAsync(Retry + Challenge);
        Assert.Equal(HttpStatusCode.NoContent, await AnswerAsync(guarded, guarded.Gateway.Http2, Issuer.Token(guarded.Time.GetUtcNow(), claims)));
        guarded.Time.Advance(TimeSpan.FromSeconds(302));

        await events.ExpectEndAsync();
    }

    [Fact]
    public async Task ChallengeAnsweredOnAnotherConnection_StreamEnds()
    {
        await using var guarded = await StartAsync(Server);
        await using var events = await OpenAsync(guarded, Issuer.Token(TestIssuer.Now));

        guarded.Time.Advance(TimeSpan.FromMinutes(55));
        await events.ExpectAsync(Retry + Challenge);
        Assert.Equal(HttpStatusCode.NoContent, await AnswerAsync(guarded, guarded.Gateway.Client, Issuer.Token(guarded.Time.GetUtcNow())));
        guarded.Time.Advance(TimeSpan.FromSeconds(302));

        await events.ExpectEndAsync();
    }

    [Fact]
    public async Task AnyRequestWithANewerToken_ProlongsEveryStreamOfTheClient()
    {
        await using var guarded = await StartAsync(Server);
        await using var one = await OpenAsync(guarded, Issuer.Token(TestIssuer.Now));
        await using var other = await OpenAsync(guarded, Issuer.Token(TestIssuer.Now));

        guarded.Time.Advance(TimeSpan.FromMinutes(30));
        using var request = await guarded.SendAsync(HttpMethod.Get, "/items", Issuer.Token(guarded.Time.GetUtcNow()), client: guarded.Gateway.Http2);
        guarded.Time.Advance(TimeSpan.FromMinutes(50));
        guarded.Gateway.Items.Append(0, "1", "one");

        await one.ExpectAsync(Retry + "id:AQIAAg==\ndata:one\n\n");
        await other.ExpectAsync(Retry + "id:AQIAAg==\ndata:one\n\n");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("no-token")]
    public async Task ChallengeResponse_WhateverItHolds_204(string? token)
    {
        await using var guarded = await StartAsync(Server);

        Assert.Equal(HttpStatusCode.NoContent, await AnswerAsync(guarded, guarded.Gateway.Client, token));
    }

    [Fact]
    public async Task ChallengeResponse_ToAServerWithoutGuard_IsARequestLikeAnyOther()
    {
        await using var guarded = await StartAsync();

        Assert.Equal(HttpStatusCode.MethodNotAllowed, await AnswerAsync(guarded, guarded.Gateway.Client, null));
    }

    [Fact]
    public async Task LongPoll_OfCredentialsThatExpire_Ends()
    {
        await using var guarded = await StartAsync(Server);
        using var request = Request(guarded.Gateway.Client, HttpMethod.Get, "/items/1", Issuer.Token(TestIssuer.Now));
        request.Headers.Add("Prefer", "wait=80000");
        var pending = guarded.Gateway.Client.SendAsync(request);
        await Eventually.HoldsAsync(() => guarded.Gateway.Cache.Opened.Any());

        await Eventually.HoldsAsync(() =>
        {
            guarded.Time.Advance(TimeSpan.FromMinutes(10)); // it may not be waiting yet when the clock moves first
            return pending.IsCompleted;
        });

        using var response = await pending;
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.True(guarded.Time.GetUtcNow() < TestIssuer.Now.AddSeconds(80_000), "it waited for its time, not for the token's");
    }

    private static Task<EventStream> OpenAsync(GuardedGateway guarded, string token) => EventStream.OpenAsync(guarded.Gateway.Http2, "/events?access_token=" + token);

    private static async Task<HttpStatusCode> AnswerAsync(GuardedGateway guarded, HttpClient client, string? token)
    {
        using var response = await guarded.SendAsync(HttpMethod.Post, "/events", token, ChallengeResponse, client);
        return response.StatusCode;
    }
}
