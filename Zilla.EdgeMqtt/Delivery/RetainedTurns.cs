using Zilla.Edge.Cache;
using Zilla.Streams;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>
/// Sends a client what is retained: of one SUBSCRIBE after the other, behind what its session had under way, and ahead of what is live of the subscriptions that ask for it. One task for each
/// SUBSCRIBE that does, while it lasts.
/// </summary>
internal sealed class RetainedTurns(Deliveries shared, TopicName topic, ReadOnlyMemory<byte> clientId, ClientSender sender, Func<Task> resumed)
{
    private volatile Task _sent = Task.CompletedTask;

    /// <summary>Completes when all is sent that has been asked for, or cannot be.</summary>
    public Task Sent => _sent;

    /// <summary>Before any subscription of a SUBSCRIBE is in force: what comes by it waits for this turn.</summary>
    /// <param name="inForce">Completes when they are, with those that ask for retained messages.</param>
    public void Take(Task<IReadOnlyList<ClientSubscription>> inForce) => _sent = SendAsync(_sent, inForce);

    private async Task SendAsync(Task before, Task<IReadOnlyList<ClientSubscription>> inForce)
    {
        var subscriptions = await inForce;
        try
        {
            await before;
            await resumed();
            if (subscriptions.Count > 0)
            {
                await new RetainedMessages(shared.Cache, topic, shared.RetainedWrites, clientId, sender).SendAsync(subscriptions);
            }
        }
        catch (StreamBrokenException e)
        {
            DeliveryLog.RetainedUnavailable(shared.Logger, topic, e.Cause, e.Message);
        }
        catch (Exception e)
        {
            sender.Fail(e);
        }
        finally
        {
            foreach (var client in subscriptions.SelectMany(s => s.Filters).GroupBy(filter => filter.Client))
            {
                client.Key.Dispatcher.LetGo(client.Key, client);
            }
        }
    }
}
