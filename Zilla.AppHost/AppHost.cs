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

builder.AddProject<Projects.Zilla_EdgeHttp>("edge-http")
    .WithIconName("GlobeArrowForward")
    .WithReference(cache)
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

builder.AddProject<Projects.Zilla_EdgeGrpc>("edge-grpc")
    .WithIconName("ArrowSwap")
    .WithReference(cache)
    .WithReference(control)
    .WaitFor(cache)
    .WaitFor(control)
    .WithReplicas(1)
    .WithHttpHealthCheck("/readyz");

return await builder.Build().RunAsync();
