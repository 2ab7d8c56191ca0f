using System.Net;
using System.Net.Http.Headers;
using Zilla.Suite.Tests.Running;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Examples;

/// <summary>sse.kafka.jwt as its README shows it.</summary>
public sealed class JwtTests
{
    private const string Example = "sse.kafka.jwt";

    private static readonly string Folder = Path.Combine(Repository.Root, "examples", Example);

    [RequiresToolFact("bash", "curl", "node", "npm", "openssl")]
    public async Task Example_BlocksOfTheReadme_BringEverybodyTheirOwnMessages()
    {
        await using var kafka = await KafkaBroker.StartAsync();
        var topic = KafkaBroker.Topic("messages");
        await NodeClients.RunAsync("create-topic.mjs", kafka.BootstrapServers, topic, "1");
        await using var suite = await RunningSuite.StartExampleAsync(kafka.BootstrapServers, Example, new Dictionary<string, string> { ["jwt-messages"] = topic }, "/messages");
        var sender = await TokenAsync("alice", "send");
        await Eventually.HoldsAsync(async () => await PostAsync(suite, sender) == HttpStatusCode.NoContent);

        var blocks = ReadmeCommands.Blocks(Path.Combine(Folder, "README.md")).Select(block => block.Replace("examples/" + Example, Folder, StringComparison.Ordinal)).ToList();
        Assert.Equal(3, blocks.Count);
        await ReadmeCommands.RunAsync(blocks[0], suite);
        var bob = await ReadmeCommands.FollowAsync(blocks[1], suite);
        var carol = await ReadmeCommands.FollowAsync(blocks[2], suite);

        Assert.Equal(["data:Hello Bob"], bob.Split('\n').Where(line => line.StartsWith("data:", StringComparison.Ordinal)));
        Assert.Equal(["data:Hello Carol"], carol.Split('\n').Where(line => line.StartsWith("data:", StringComparison.Ordinal)));

        var (expired, reader) = (await TokenAsync("alice", "send", "-60"), await TokenAsync("alice"));
        Assert.Equal(HttpStatusCode.Unauthorized, await PostAsync(suite, null));
        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(suite, expired));
        Assert.Equal(HttpStatusCode.NotFound, await PostAsync(suite, reader));
    }

    private static async Task<string> TokenAsync(params string[] arguments) => (await ChildProcess.RunAsync(Path.Combine(Folder, "token"), arguments)).Trim();

    private static async Task<HttpStatusCode> PostAsync(RunningSuite suite, string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/messages/nobody") { Content = new StringContent("") };
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        using var response = await suite.Http.SendAsync(request);
        return response.StatusCode;
    }
}
