using Grpc.Core;
using Grpc.Net.Client;
using Zilla.Suite.Tests.Faults;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Grpc.Abuse;

/// <summary>Makes calls one after another on a connection of its own, and knows what each has to be answered.</summary>
internal sealed class OrdinaryClient : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly GrpcChannel _channel;
    private readonly Calls.CallsClient _calls;
    private Task _calling = Task.CompletedTask;
    private volatile bool _isOver;
    private long _served;

    private OrdinaryClient(string address)
    {
        _channel = GrpcChannel.ForAddress($"http://{address}");
        _calls = new(_channel);
    }

    /// <summary>A client of that edge, of those that share the port; while nobody else makes calls there.</summary>
    public static async Task<OrdinaryClient> StartAsync(string address, ServiceProcess edge)
    {
        while (true)
        {
            var client = new OrdinaryClient(address);
            if (await client.IsAtAsync(edge))
            {
                client._calling = client.CallAsync();
                return client;
            }

            await client.DisposeAsync();
        }
    }

    /// <summary>From now on; and every call was until now.</summary>
    public async Task IsServedAsync()
    {
        var before = Interlocked.Read(ref _served);
        await Eventually.HoldsAsync(() => _calling.IsFaulted || Interlocked.Read(ref _served) >= before + 2, Patience);
        Assert.False(_calling.IsFaulted, _calling.Exception?.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        _isOver = true;
        await _calling;
        _channel.Dispose();
    }

    /// <summary>Which edge a connection comes to is the kernel's choice: it is the one that has the call under way.</summary>
    private async Task<bool> IsAtAsync(ServiceProcess edge)
    {
        using var talk = Talk();
        await talk.RequestStream.WriteAsync(new() { Text = "where" });
        Assert.True(await talk.ResponseStream.MoveNext());
        var isAt = (await new[] { edge }.CountAsync("http_active_requests"))[0] > 0;
        await talk.RequestStream.CompleteAsync();
        Assert.False(await talk.ResponseStream.MoveNext());
        return isAt;
    }

    private async Task CallAsync()
    {
        while (!_isOver)
        {
            var text = $"{_served}";
            using var talk = Talk();
            await talk.RequestStream.WriteAsync(new() { Text = text });
            await talk.RequestStream.CompleteAsync();
            Assert.True(await talk.ResponseStream.MoveNext());
            Assert.Equal(text, talk.ResponseStream.Current.Text);
            Assert.False(await talk.ResponseStream.MoveNext());
            Interlocked.Increment(ref _served);
        }
    }

    private AsyncDuplexStreamingCall<Question, Answer> Talk() => _calls.Talk(new Metadata { { GrpcSuite.Way, "echo" } }, DateTime.UtcNow + Patience);
}
