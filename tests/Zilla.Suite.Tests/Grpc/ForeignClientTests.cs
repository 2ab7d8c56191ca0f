using System.Text.Json.Nodes;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Grpc;

/// <summary>npm's clients call a service of kafkajs behind two topics: in every shape that they have, with a deadline, cancelled, failing with details, with metadata, and with much to say.</summary>
[Collection(GrpcCollection.Name)]
public sealed class ForeignClientTests(GrpcSuite suite, GrpcService service) : IClassFixture<GrpcService>
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [RequiresToolFact("node", "npm")]
    public async Task GrpcJs_IsAnswered() => AssertSame(
        """
        {
          "unary": "a!",
          "collected": ["a,b", 0],
          "listed": ["0", "1", "2"],
          "talked": ["a!", "b!"],
          "deadline": "DEADLINE_EXCEEDED",
          "cancelled": "CANCELLED",
          "failed": ["FAILED_PRECONDITION: not now: ü", "080912036e6f77"],
          "metadata": [["blue", "00ff0a"], ["blue", "00ff0a"]],
          "large": true,
          "uploaded": [99, 104857600],
          "downloaded": {"count": 100, "right": true}
        }
        """,
        await RunAsync("grpc-js.mjs", suite.Address));

    [RequiresToolFact("node", "npm", "chromium")]
    public async Task GrpcWeb_InAPageOfAnotherOrigin_IsAnswered() => AssertSame(
        """
        {
          "text": {
            "unary": "a!",
            "listed": ["0", "1", "2"],
            "deadline": "4",
            "failed": ["9: not now: ü", "080912036e6f77"],
            "metadata": [["blue", "00ff0a"], ["blue", "00ff0a"]],
            "large": true,
            "cancelled": "0"
          },
          "binary": {
            "unary": "a!",
            "listed": ["0", "1", "2"],
            "deadline": "4",
            "failed": ["9: not now: ü", "080912036e6f77"],
            "metadata": [["blue", "00ff0a"], ["blue", "00ff0a"]],
            "large": true,
            "downloaded": {"count": 100, "right": true}
          }
        }
        """,
        await RunAsync("grpc-web.mjs", $"http://{suite.Address}"));

    private static void AssertSame(string expected, JsonNode came) => Assert.Equal(JsonNode.Parse(expected)!.ToJsonString(), came.ToJsonString());

    private async Task<JsonNode> RunAsync(string script, string address)
    {
        await using var client = await NodeClients.StartAsync(script, address);
        var code = await client.WaitForExitAsync(Patience);
        Assert.True(code == 0, $"{client.Output}\n{service.Output}\n{suite.Output}");
        Assert.DoesNotContain(client.Lines, line => line.StartsWith("error ", StringComparison.Ordinal));
        await suite.EndedAsync(); // of deadlines and cancellations, too
        return JsonNode.Parse(client.Lines.Last(line => line.StartsWith('{')))!;
    }
}
