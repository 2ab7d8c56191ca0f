using Zilla.Edge.Http;
using Zilla.Edge.Plans;

namespace Zilla.EdgeMqtt.Connections;

/// <summary>The clients that are connected, so that a change of the configuration concerns them too: each is judged again by what is in force now (<see cref="Rejudgement"/>).</summary>
internal sealed class OpenConnections
{
    private readonly Lock _gate = new();
    private readonly EdgeState<GatewayModel> _state;
    private readonly HashSet<MqttConnection> _open = [];

    public OpenConnections(EdgeState<GatewayModel> state)
    {
        _state = state;
        state.Changed += Look;
    }

    /// <summary>Judged at once if the configuration has changed since it was let in.</summary>
    public void Add(MqttConnection connection)
    {
        Rejudgement? judgement;
        lock (_gate)
        {
            _open.Add(connection);
            judgement = connection.Judge(_state.Current);
        }

        judgement?.Pass(connection);
    }

    /// <summary>It is not judged any more when this returns.</summary>
    public void Remove(MqttConnection connection)
    {
        lock (_gate)
        {
            _open.Remove(connection);
        }
    }

    private void Look()
    {
        List<(MqttConnection, Rejudgement)> judged = [];
        lock (_gate)
        {
            foreach (var connection in _open)
            {
                if (connection.Judge(_state.Current) is { } judgement)
                {
                    judged.Add((connection, judgement));
                }
            }
        }

        // Not before: a connection that ends removes itself.
        foreach (var (connection, judgement) in judged)
        {
            judgement.Pass(connection);
        }
    }
}
