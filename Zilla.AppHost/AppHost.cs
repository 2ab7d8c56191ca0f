using Zilla.AppHost.Hosting;

var builder = DistributedApplication.CreateBuilder(args);

// Infrastructure: Zilla.DevKafka, unless there is a cluster to use; the configuration that says what to serve.
var kafka = builder.AddKafka<Projects.Zilla_DevKafka>("kafka");
var config = builder.AddParameter("config", builder.Options.Config);

var control = builder.AddProject<Projects.Zilla_Control>("control")
    .WithIconName("SlideSettings")
    .WithGrpcEndpoint()
    .WithEnvironment("Zilla__Config", config)
    .WithHttpHealthCheck("/readyz");

var cache = builder.AddProject<Projects.Zilla_KafkaCache>("kafka-cache")
    .WithIconName("DatabaseLightning")
    .WithGrpcEndpoint()
    .WithReference(kafka)
    .WithReference(control)
    .WaitFor(kafka)
    .WaitFor(control)
    .WithReplicas(1)
    .WithHttpHealthCheck("/readyz");

// gRPC first: the HTTP edge hands calls over to it that come in by a port that both share.
var grpc = builder.AddProject<Projects.Zilla_EdgeGrpc>("edge-grpc")
    .WithIconName("ArrowSwap")
    .WithGrpcEndpoint()
    .WithReference(cache)
    .WithReference(control)
    .WaitFor(cache)
    .WaitFor(control)
    .WithReplicas(1)
    .WithHttpHealthCheck("/readyz");

builder.AddProject<Projects.Zilla_EdgeHttp>("edge-http")
    .WithIconName("GlobeArrowForward")
    .WithReference(cache)
    .WithHandover(grpc)
    .WithReference(control)
    .WaitFor(cache)
    .WaitFor(control)
    .WithReplicas(1)
    .WithHttpHealthCheck("/readyz");

builder.AddProject<Projects.Zilla_EdgeMqtt>("edge-mqtt")
    .WithIconName("Iot")
    .WithReference(cache)
    .WithReference(control)
    .WaitFor(cache)
    .WaitFor(control)
    .WithReplicas(1)
    .WithHttpHealthCheck("/readyz");

return await builder.Build().RunAsync();
